@echo off
rem Starts offing from the folder "wheels" beside this file. The first start installs it
rem there, without a network. With words after its name it runs that command:
rem     offing.bat quote 852872 DEU
rem It uses Python 3.11 to 3.13; OFFING_PYTHON names one. This file is plain ASCII: a
rem console of any code page reads it. Chinese: see README.txt.
setlocal DisableDelayedExpansion
chcp 65001 >nul 2>nul
set "PYTHONUTF8=1"
set "HERE=%~dp0"
if "%HERE:~-1%"=="\" set "HERE=%HERE:~0,-1%"
set "WHEELS=%HERE%\wheels"
set "PLACE=%HERE%\.offing"
if not exist "%WHEELS%\offing-*.whl" goto nowheel

copy /y nul "%HERE%\.offing-writable" >nul 2>nul
if exist "%HERE%\.offing-writable" goto writable
set "PLACE=%LOCALAPPDATA%\offing\start"
:writable
del "%HERE%\.offing-writable" >nul 2>nul

set "WANTED="
set "STAMP="
set /p WANTED=<"%HERE%\install.txt"
if exist "%PLACE%\installed" set /p STAMP=<"%PLACE%\installed"
if not "%STAMP%"=="%WANTED%" goto install
"%PLACE%\Scripts\python.exe" -c "" >nul 2>nul
if errorlevel 1 goto install
goto start

:install
set PY=
if defined OFFING_PYTHON set PY="%OFFING_PYTHON%"
if defined PY goto try
for %%V in (3.13 3.12 3.11) do call :launcher %%V
if defined PY goto try
set PY=python
:try
%PY% -c "import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))" >nul 2>nul
if errorlevel 1 goto nopython
echo Installing once, without a network ...
if exist "%PLACE%" rmdir /s /q "%PLACE%"
%PY% -m venv "%PLACE%"
if errorlevel 1 goto failed
"%PLACE%\Scripts\python.exe" -m pip --disable-pip-version-check install -q --no-index --find-links "%WHEELS%" -r "%HERE%\install.txt"
if errorlevel 1 goto failed
copy /y "%HERE%\install.txt" "%PLACE%\installed" >nul

:start
if not "%~1"=="" goto command
cd /d "%HERE%"
"%PLACE%\Scripts\python.exe" -m offing serve
if errorlevel 1 goto stopped
exit /b 0
:command
"%PLACE%\Scripts\python.exe" -m offing %*
exit /b %errorlevel%

:launcher
if defined PY exit /b 0
py -%1 -c "" >nul 2>nul
if not errorlevel 1 set PY=py -%1
exit /b 0

:nowheel
echo There is no offing wheel in "%WHEELS%". Unpack the whole folder first.
goto stopped
:nopython
echo Python 3.11, 3.12 or 3.13 is needed and was not found. Install it, then start again.
goto stopped
:failed
echo It could not be installed; what stands above says why.
:stopped
pause
exit /b 2
